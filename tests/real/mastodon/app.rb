# A small instance of Mastodon: its accounts, its addresses and its replies, on Doorkeeper, which is
# the OAuth engine that Mastodon itself uses. Made for tests of logins; its whole memory is lost
# when it ends.
#
#	GET /oauth/authorize		asks who is there, then for consent
#	GET /oauth/authorize/native	the out-of-band page, which shows the code
#	POST /oauth/token, POST /oauth/revoke
#	GET /api/v1/accounts/verify_credentials
#	GET /.well-known/oauth-authorization-server
#
# What the engine answers is left as it is: this file adds pages, accounts and Mastodon's settings.
# `server` starts it. Settings in the environment: CODE_EXPIRES (seconds that a code lives, 600) and
# PKCE=no (an instance older than 4.3).

ENV['RAILS_ENV'] = 'production'
# One connection that is never closed: with it the database would go.
ENV['DATABASE_URL'] = 'sqlite3::memory:?pool=1&idle_timeout=0&reaping_frequency=0'

require 'active_record/railtie'
require 'action_controller/railtie'
require 'action_view/testing/resolvers'
require 'doorkeeper'

OUT_OF_BAND = 'urn:ietf:wg:oauth:2.0:oob'

# A page of the instance; what is in it is escaped by ERB.
PAGES = {
	'layouts/page.html.erb' => <<~'HTML',
		<!DOCTYPE html>
		<html lang="en"><meta charset="utf-8"><title>Mastodon</title>
		<%= yield %>
		</html>
	HTML
	'sessions/new.html.erb' => <<~'HTML',
		<h1>Log in</h1>
		<p class="say"><%= @wrong %></p>
		<%= form_tag '/auth/sign_in' do %>
		<input type="text" name="login" autofocus>
		<button type="submit">Log in</button>
		<% end %>
	HTML
	'oauth/authorizations/_asked.html.erb' => <<~'HTML',
		<% %i[client_id redirect_uri state response_type scope code_challenge
		      code_challenge_method].each do |name| %>
		<%= hidden_field_tag name, name == :client_id ? @pre_auth.client.uid :
		                           @pre_auth.public_send(name) %>
		<% end %>
	HTML
	'oauth/authorizations/new.html.erb' => <<~'HTML',
		<h1>Authorization required</h1>
		<p class="say"><strong><%= @pre_auth.client.name %></strong> would like to have:</p>
		<ul><% @pre_auth.scopes.each do |scope| %><li><%= scope %></li><% end %></ul>
		<%= form_tag '/oauth/authorize', method: :post do %>
		<%= render 'asked' %><button type="submit" name="button">Authorize</button>
		<% end %>
		<%= form_tag '/oauth/authorize', method: :delete do %>
		<%= render 'asked' %><button type="submit" name="button">Deny</button>
		<% end %>
	HTML
	'oauth/authorizations/show.html.erb' => <<~'HTML',
		<h1>Copy this authorization code and paste it to the application.</h1>
		<input class="oauth-code" type="text" readonly value="<%= params[:code] %>">
	HTML
	'oauth/authorizations/error.html.erb' => <<~'HTML',
		<h1>An error has occurred</h1>
		<p class="say"><%= @pre_auth.error_response.body[:error_description] %></p>
	HTML
}.freeze

class Instance < Rails::Application
	config.root = __dir__
	config.paths['log'] = File::NULL
	config.eager_load = false
	config.cache_classes = true
	config.secret_key_base = SecureRandom.hex(64)
	config.logger = ActiveSupport::Logger.new($stderr)
	config.log_level = :error
	config.session_store :cookie_store, key: '_mastodon_session', secure: true
	config.hosts.clear
end

class ApplicationController < ActionController::Base
	protect_from_forgery with: :exception
	prepend_view_path ActionView::FixtureResolver.new(PAGES)
	layout 'page'

	def current_account
		@current_account ||= Account.find_by(id: session[:account])
	end
end

# Mastodon's own settings.
Doorkeeper.configure do
	orm :active_record
	base_controller 'ApplicationController'
	resource_owner_authenticator do
		current_account || begin
			session[:return_to] = request.fullpath
			redirect_to '/auth/sign_in'
		end
	end
	authorization_code_expires_in ENV.fetch('CODE_EXPIRES', '600').to_i.seconds
	access_token_expires_in nil
	reuse_access_token
	enforce_configured_scopes
	default_scopes :read
	optional_scopes :profile, :write, :'read:accounts', :'read:statuses', :'write:statuses',
	                :follow, :push
	grant_flows %w[authorization_code client_credentials]
end

Instance.initialize!

class SessionsController < ApplicationController
	def create
		account = Account.find_by(username: params[:login].to_s)
		unless account
			@wrong = 'Nobody of that name has an account here.'
			return render :new, status: :unprocessable_entity
		end

		to = session[:return_to] || '/'
		reset_session
		session[:account] = account.id
		redirect_to to
	end
end

module Oauth
	class AuthorizationsController < Doorkeeper::AuthorizationsController
		private

		# As Mastodon has it: who has said yes before is asked again only by force_login.
		def render_success
			forced = ActiveModel::Type::Boolean.new.cast(params[:force_login])

			if !forced && matching_token? && pre_auth.client.application.confidential?
				redirect_or_render authorize_response
			else
				render :new
			end
		end
	end

	class TokensController < Doorkeeper::TokensController
		private

		# For the log: only now a token ends.
		def revoke_token
			request.env['instance.revoked'] = params['token'] if token&.accessible?
			super
		end
	end
end

class CredentialsController < ApplicationController
	before_action -> { doorkeeper_authorize! :profile, :read, :'read:accounts' }

	def show
		account = Account.find_by(id: doorkeeper_token.resource_owner_id)

		if account
			render json: account.as_mastodon(request.base_url)
		else
			render status: :unprocessable_entity,
			       json: { error: 'This method requires an authenticated user' }
		end
	end

	def doorkeeper_unauthorized_render_options(error: nil)
		{ json: { error: error&.description || 'Not authorized' } }
	end

	def doorkeeper_forbidden_render_options(*)
		{ json: { error: 'This action is outside the authorized scopes' } }
	end
end

class MetadataController < ApplicationController
	def show
		return head :not_found unless Doorkeeper::AccessGrant.pkce_supported?

		at = request.base_url
		render json: {
			issuer: "#{at}/",
			authorization_endpoint: "#{at}/oauth/authorize",
			token_endpoint: "#{at}/oauth/token",
			revocation_endpoint: "#{at}/oauth/revoke",
			scopes_supported: Doorkeeper.config.scopes.to_a,
			response_types_supported: Doorkeeper.config.authorization_response_types,
			grant_types_supported: Doorkeeper.config.grant_flows,
			token_endpoint_auth_methods_supported: %w[client_secret_basic
			                                          client_secret_post],
			code_challenge_methods_supported: %w[S256],
		}
	end
end

class Instance
	# Gives the two registered applications.
	def self.prepare
		tables_make(ENV['PKCE'] != 'no')
		people_make
		kiosk = application_make('kiosk')
		other = application_make('other')
		ActiveRecord::Base.connection_handler.clear_active_connections!
		[kiosk, other]
	end

	def self.tables_make(pkce)
		ActiveRecord::Schema.verbose = false
		ActiveRecord::Schema.define do
			create_table :accounts do |t|
				t.string :username, :display_name, null: false
			end
			create_table :oauth_applications do |t|
				t.string :name, :uid, :secret, null: false
				t.text :redirect_uri, null: false
				t.string :scopes, null: false, default: ''
				t.boolean :confidential, null: false, default: true
				t.timestamps null: false
			end
			create_table :oauth_access_grants do |t|
				t.references :resource_owner, :application, null: false
				t.string :token, null: false, index: { unique: true }
				t.integer :expires_in, null: false
				t.text :redirect_uri, null: false
				t.datetime :created_at, null: false
				t.datetime :revoked_at
				t.string :scopes, null: false, default: ''
				t.string :code_challenge, :code_challenge_method if pkce
			end
			create_table :oauth_access_tokens do |t|
				t.references :resource_owner
				t.references :application, null: false
				t.string :token, null: false, index: { unique: true }
				t.string :refresh_token, index: { unique: true }
				t.integer :expires_in
				t.datetime :revoked_at
				t.datetime :created_at, null: false
				t.string :scopes
			end
		end
	end

	# The ids are beyond what a double holds exactly. Mallory's display name is her own choice.
	def self.people_make
		[
			[109348684262348721, 'alice', 'Alice Example'],
			[109348684262348722, 'bob', 'Bob Example'],
			[109348684262348723, 'mallory', 'alice'],
		].each do |id, username, display_name|
			Account.create!(id: id, username: username, display_name: display_name)
		end
	end

	def self.application_make(name)
		Doorkeeper::Application.create!(name: name, redirect_uri: OUT_OF_BAND,
			scopes: 'read read:accounts profile', confidential: true)
	end

	routes.draw do
		use_doorkeeper do
			controllers authorizations: 'oauth/authorizations', tokens: 'oauth/tokens'
			skip_controllers :applications, :authorized_applications, :token_info
		end
		get '/auth/sign_in', to: 'sessions#new'
		post '/auth/sign_in', to: 'sessions#create'
		get '/api/v1/accounts/verify_credentials', to: 'credentials#show'
		get '/.well-known/oauth-authorization-server', to: 'metadata#show'
		match '(*path)', via: :all, to: ->(_env) {
			[404, { 'Content-Type' => 'application/json' }, ['{"error":"Not Found"}']]
		}
	end
end

class Account < ActiveRecord::Base
	# An entity CredentialAccount.
	def as_mastodon(at)
		{
			id: id.to_s, username: username, acct: username, display_name: display_name,
			locked: false, bot: false, discoverable: nil, group: false,
			created_at: '2022-11-15T00:00:00.000Z', note: '', url: "#{at}/@#{username}",
			uri: "#{at}/users/#{username}",
			avatar: "#{at}/avatars/original/missing.png",
			avatar_static: "#{at}/avatars/original/missing.png",
			header: "#{at}/headers/original/missing.png",
			header_static: "#{at}/headers/original/missing.png",
			followers_count: 0, following_count: 0, statuses_count: 0,
			last_status_at: nil,
			source: { privacy: 'public', sensitive: false, language: nil, note: '',
			          fields: [], follow_requests_count: 0 },
			emojis: [], fields: [],
			role: { id: '-99', name: '', permissions: '0', color: '',
			        highlighted: false },
		}
	end
end
